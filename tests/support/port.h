/* port - a port on loopback that is ours before anybody listens there, and between two who do. */
#ifndef REELQ_TESTS_PORT_H
#define REELQ_TESTS_PORT_H

/* A socket that is bound to a free port, which goes to *port, and does not listen: it gets no
 * connections, keeps others off the port, and lets in who shares it by SO_REUSEPORT. The caller
 * closes it. When there is none the process ends with a line that says why. */
int port_hold(unsigned *port);

#endif
