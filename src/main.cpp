// The program: everything else is in the app module, so that tests can call it.
#include "turnpike/app/main.h"

int main(int argc, char** argv) {
    return turnpike::app::main(argc, argv);
}
