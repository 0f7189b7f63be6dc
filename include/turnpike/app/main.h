// Entry of the program, apart from main() so that tests can call it.
#pragma once

namespace turnpike::app {

/// Runs a command line; returns the exit status of the interface.
int main(int argc, char** argv);

}  // namespace turnpike::app
