# SPDX-License-Identifier: Apache-2.0
"""The part of JSON Schema that the project's schemas use, in a page."""

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def problems(value, rules, root=None, path="$"):
    """A line for each place where the value departs from the schema. A rule that is not known here is one, too."""
    root = rules if root is None else root
    known = {"$schema", "$defs", "$ref", "title", "description", "type", "enum", "minimum", "maximum", "properties",
             "required", "additionalProperties", "items", "minItems"}
    found = [f"{path}: the schema uses {key}" for key in rules if key not in known]
    if "$ref" in rules:
        found += problems(value, root["$defs"][rules["$ref"].removeprefix("#/$defs/")], root, path)
    if "type" in rules:
        names = rules["type"] if isinstance(rules["type"], list) else [rules["type"]]
        if not any(is_type(value, name) for name in names):
            return found + [f"{path}: {value!r} is no {' or '.join(names)}"]
    if "enum" in rules and value not in rules["enum"]:
        found.append(f"{path}: {value!r} is none of {rules['enum']}")
    if is_type(value, "number"):
        if value < rules.get("minimum", value):
            found.append(f"{path}: {value} is below {rules['minimum']}")
        if value > rules.get("maximum", value):
            found.append(f"{path}: {value} is above {rules['maximum']}")
    if isinstance(value, dict):
        properties = rules.get("properties", {})
        found += [f"{path}: {key} is missing" for key in rules.get("required", []) if key not in value]
        for key, element in value.items():
            rest = rules.get("additionalProperties", True)
            if key in properties:
                found += problems(element, properties[key], root, f"{path}.{key}")
            elif rest is False:
                found.append(f"{path}: {key} is not in the schema")
            elif rest is not True:
                found += problems(element, rest, root, f"{path}.{key}")
    if isinstance(value, list):
        if len(value) < rules.get("minItems", 0):
            found.append(f"{path}: fewer than {rules['minItems']} elements")
        for index, element in enumerate(value):
            found += problems(element, rules.get("items", {}), root, f"{path}[{index}]")
    return found
