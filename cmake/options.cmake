# Warnings, sanitizers and coverage as one INTERFACE target that every target of ours links privately.
add_library(turnpike_options INTERFACE)
# Not -fPIC: everything becomes part of a program, where no other library can put its own function in place of ours. GCC
# inlines hardly any function that could be replaced.
target_compile_options(turnpike_options INTERFACE -fPIE)
target_compile_options(turnpike_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  # Structures are cleared in steps of 16 octets. `rep stos`, which GCC takes for more than a few words, needs 20 cycles
  # before the first of them.
  target_compile_options(turnpike_options INTERFACE -mmemset-strategy=vector_loop:1024:noalign,libcall:-1:noalign)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(turnpike_options INTERFACE -Wno-restrict)   # false alarms in std::string, GCC bug 105651
else()
  target_compile_options(turnpike_options INTERFACE -Wno-deprecated-declarations)   # GCC 12's own <algorithm> has some
endif()
# Where eight files are compiled as one, a local name may be that of another file, and a class in an included file may use an
# unnamed namespace. What is compiled file by file keeps these warnings.
set(in_parts $<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>)
target_compile_options(turnpike_options INTERFACE
  $<${in_parts}:-Wno-shadow> $<$<AND:${in_parts},$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>)
# What a mistake in a decoder should run into before it becomes more (SECURITY.md); tests/harden looks for it in the
# binary. Sanitizers and coverage bring their own.
if(NOT TURNPIKE_SANITIZE AND NOT TURNPIKE_SANITIZE_THREADS AND NOT TURNPIKE_FUZZ AND NOT TURNPIKE_COVERAGE)
  target_compile_options(turnpike_options INTERFACE
    -fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|i[3-6]86)$")
    target_compile_options(turnpike_options INTERFACE -fcf-protection=full)   # GCC refuses it elsewhere
  endif()
  target_compile_definitions(turnpike_options INTERFACE
    _GLIBCXX_ASSERTIONS $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=3>)
  target_link_options(turnpike_options INTERFACE -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  # Or captures beyond 2 GB, and folders on file systems with large numbers, cannot be read.
  target_compile_definitions(turnpike_options INTERFACE _FILE_OFFSET_BITS=64)
endif()
option(TURNPIKE_WERROR "Treat warnings as errors" OFF)
if(TURNPIKE_WERROR)
  target_compile_options(turnpike_options INTERFACE -Werror)
endif()
if(TURNPIKE_SANITIZE)
  target_compile_options(turnpike_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_definitions(turnpike_options INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(turnpike_options INTERFACE -fsanitize=address,undefined)
endif()
if(TURNPIKE_SANITIZE_THREADS)
  target_compile_options(turnpike_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(turnpike_options INTERFACE -fsanitize=thread)
endif()
if(TURNPIKE_FUZZ)
  target_compile_options(turnpike_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
  target_link_options(turnpike_options INTERFACE -fsanitize=address,undefined)
endif()
if(TURNPIKE_COVERAGE)
  target_compile_options(turnpike_options INTERFACE --coverage -fprofile-abs-path)
  target_link_options(turnpike_options INTERFACE --coverage)
endif()
