# turnpike_page(TARGET FOLDER): makes one script and one style of the page's sources, with the libraries of Debian's
# packages (node-*) in them, and lets report/page_files.cpp bring them into the program.
find_program(ESBUILD esbuild REQUIRED)
function(turnpike_page target folder)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/page)
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.js ${folder}/*.jsx)
  add_custom_command(OUTPUT ${out}/page.js
                     COMMAND ${CMAKE_COMMAND} -E env NODE_PATH=/usr/share/nodejs ${ESBUILD} ${folder}/main.jsx
                             --bundle --minify --jsx-factory=h --format=iife --target=es2021
                             --log-level=warning --outfile=${out}/page.js
                     DEPENDS ${sources} VERBATIM)
  add_custom_command(OUTPUT ${out}/page.css
                     COMMAND ${ESBUILD} ${folder}/style.css --minify --log-level=warning --outfile=${out}/page.css
                     DEPENDS ${folder}/style.css VERBATIM)
  set(licences "")
  foreach(package node-preact node-d3-array node-d3-collection node-d3-color node-d3-format node-d3-interpolate
          node-d3-path node-d3-scale node-d3-shape node-d3-time node-d3-time-format)
    file(READ /usr/share/doc/${package}/copyright licence)
    string(APPEND licences "${package}\n\n${licence}\n\n")
  endforeach()
  file(CONFIGURE OUTPUT ${out}/licences.txt CONTENT "${licences}" @ONLY)
  set_source_files_properties(report/page_files.cpp PROPERTIES
    OBJECT_DEPENDS "${out}/page.js;${out}/page.css;${out}/licences.txt"
    COMPILE_DEFINITIONS "TURNPIKE_PAGE_SCRIPT=\"${out}/page.js\";TURNPIKE_PAGE_STYLE=\"${out}/page.css\";TURNPIKE_PAGE_LICENCES=\"${out}/licences.txt\"")
endfunction()
