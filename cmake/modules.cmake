# turnpike_module(NAME USES module... LINKS target...)
# A module is the folder src/NAME: every .cpp in it and in its folders, its public headers in include/turnpike/NAME.
# USES names the only modules it may include; tests/architecture checks the includes against this list.
function(turnpike_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES;LINKS")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp
       ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*/*.cpp)
  add_library(turnpike_${name} STATIC ${sources})
  set_target_properties(turnpike_${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(turnpike_${name}
    PUBLIC ${PROJECT_SOURCE_DIR}/include
    PRIVATE ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM arg_USES PREPEND turnpike_)
  target_link_libraries(turnpike_${name} PUBLIC ${arg_USES} ${arg_LINKS} PRIVATE turnpike_options)
  turnpike_reuse(turnpike_${name} common_headers_of_modules)
endfunction()

# Tests are compiled more often than they run: optimising them takes longer than it saves, most of all with what sanitizers
# put into them.
if(TURNPIKE_SANITIZE OR TURNPIKE_SANITIZE_THREADS)
  set(test_options -O0)
else()
  set(test_options $<$<CONFIG:Release>:-O1>)
endif()

# turnpike_test(NAME USES module...): every tests/NAME/*_test.cpp becomes the program NAME_test.
function(turnpike_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES;LINKS")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_test ${sources})
  list(TRANSFORM arg_USES PREPEND turnpike_)
  target_link_libraries(${name}_test PRIVATE ${arg_USES} ${arg_LINKS} turnpike_options GTest::gmock_main)
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
  target_compile_definitions(${name}_test PRIVATE TURNPIKE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_compile_options(${name}_test PRIVATE ${test_options})
  turnpike_reuse(${name}_test common_headers_of_tests)
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}/ PROPERTIES LABELS ${name} TIMEOUT 300
                       DISCOVERY_TIMEOUT 120)
endfunction()
