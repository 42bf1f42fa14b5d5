/* port - a port on loopback that is ours before anybody listens there, and between two who do. */
#ifndef REELQ_TESTS_PORT_H
#define REELQ_TESTS_PORT_H

/* A socket that is bound to a free port, which goes to *port, and does not listen: it gets no
 * connections, keeps others off the port, and lets in who asks for this very one with SO_REUSEPORT
 * or SO_REUSEADDR. The caller closes it. When there is none the process ends with a line that says
 * why. */
int port_hold(unsigned *port);

#endif
