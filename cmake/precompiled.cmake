# The standard headers that most files read, compiled once: a third less time to build from nothing. A compiler launcher
# such as ccache does better without, and what a file forgets to include shows only there. So do GCC's warnings of code in
# standard headers: it forgets that these are not ours, and gives false alarms.
if(CMAKE_CXX_COMPILER_LAUNCHER)
  set(precompiled_by_default OFF)
else()
  set(precompiled_by_default ON)
endif()
option(TURNPIKE_PRECOMPILED "Compile common headers once" ${precompiled_by_default})

if(TURNPIKE_PRECOMPILED AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(turnpike_options INTERFACE -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
endif()

set(common_headers <algorithm> <array> <chrono> <cstdint> <deque> <expected> <filesystem> <functional> <map> <memory>
                   <optional> <ranges> <set> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>
                   <fmt/format.h>)

# turnpike_precompiled(NAME HEADERS header... OPTIONS option... LINKS target...): a target whose precompiled headers others
# may reuse; the options must be theirs.
function(turnpike_precompiled name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "OPTIONS;HEADERS;LINKS")
  if(NOT TURNPIKE_PRECOMPILED)
    return()
  endif()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp CONTENT "// Its headers are what matters.\n" @ONLY)
  add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE turnpike_options fmt::fmt ${arg_LINKS})
  target_compile_options(${name} PRIVATE ${arg_OPTIONS})
  target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
endfunction()

# turnpike_reuse(TARGET NAME): TARGET is compiled with NAME's precompiled headers, if there are any.
function(turnpike_reuse target name)
  if(TARGET ${name})
    target_precompile_headers(${target} REUSE_FROM ${name})
  endif()
endfunction()
