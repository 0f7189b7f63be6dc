// The program: everything else is in the app module, so that tests can call it.
#include "turnpike/app/main.h"
#include "compiled_catalog.h"
#include "turnpike/catalog/compiled.h"

int main(int argc, char** argv) {
    turnpike::catalog::use_compiled(compiled_catalog());
    return turnpike::app::main(argc, argv);
}
