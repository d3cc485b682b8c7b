# One static library per folder of sim/, and one test program per folder of tests/unit/.
#
# A folder names the folders it may include (DEPENDS); what it does not name is not on its link line, so a dependency
# that points upward fails to link.

add_library(cim_options INTERFACE)
target_compile_options(cim_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror)
# Results must not depend on whether the compiler fuses a multiplication with an addition.
target_compile_options(cim_options INTERFACE -ffp-contract=off)
target_include_directories(cim_options INTERFACE ${PROJECT_SOURCE_DIR}/sim)

# cim_library(NAME SOURCES file... [DEPENDS folder...] [LINKS target...])
function(cim_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LINKS" ${ARGN})
  add_library(cim_${name} STATIC ${ARG_SOURCES})
  list(TRANSFORM ARG_DEPENDS PREPEND cim_)
  target_link_libraries(cim_${name} PUBLIC cim_options ${ARG_DEPENDS} ${ARG_LINKS})
endfunction()

# cim_test(NAME SOURCES file... DEPENDS folder...): a Catch2 program registered with CTest as unit/NAME.
function(cim_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(test_${name} ${ARG_SOURCES})
  list(TRANSFORM ARG_DEPENDS PREPEND cim_)
  # Tests are compiled more often than they are run.
  target_compile_options(test_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_link_libraries(test_${name} PRIVATE cim_options cim_test_main ${ARG_DEPENDS})
  add_test(NAME unit/${name} COMMAND test_${name})
endfunction()
