# larder_module(NAME [DEPENDS modules...] [LIBRARIES external targets...])
#
# A folder under src/ is a library larder_NAME of its *.cc, and a test program NAME_test of its *_test.cc. testing/*.cc are
# doubles and contract suites: the library larder_NAME_testing, for tests of any module.
function(larder_module name)
  cmake_parse_arguments(arg "" "" "DEPENDS;LIBRARIES" ${ARGN})
  list(TRANSFORM arg_DEPENDS PREPEND larder_)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cc)
  set(tests ${sources})
  set(doubles ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER doubles EXCLUDE REGEX "_test\\.cc$")
  list(FILTER doubles INCLUDE REGEX "/testing/")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$|/testing/|/async/|/main\\.cc$")

  if(sources)
    add_library(larder_${name} STATIC ${sources})
    target_include_directories(larder_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(larder_${name} PUBLIC ${arg_DEPENDS} ${arg_LIBRARIES})
  else()
    add_library(larder_${name} INTERFACE)
    target_include_directories(larder_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(larder_${name} INTERFACE ${arg_DEPENDS} ${arg_LIBRARIES})
  endif()

  if(doubles)
    add_library(larder_${name}_testing STATIC ${doubles})
    target_link_libraries(larder_${name}_testing PUBLIC larder_${name} GTest::gtest)
  endif()

  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE larder_${name} GTest::gtest GTest::gtest_main)
    if(doubles)
      target_link_libraries(${name}_test PRIVATE larder_${name}_testing)
    endif()
    target_compile_definitions(${name}_test PRIVATE LARDER_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
    set_tests_properties(${name} PROPERTIES ENVIRONMENT
                         "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tools/tsan-suppressions")
  endif()
endfunction()
