/* reelq - the command line for people: arguments -> configuration -> Redis -> one command. */
#include "cli/command.h"

int main(int argc, char *argv[])
{
    return command_main(argc, argv);
}
