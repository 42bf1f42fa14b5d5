/* activation - a listening socket that the service manager has opened for this process and keeps
 * open while it is restarted (LISTEN_FDS, LISTEN_PID: sd_listen_fds(3)). */
#ifndef REELQ_ACTIVATION_H
#define REELQ_ACTIVATION_H

#include "base/error.h"

/* The socket, non-blocking and closed on exec; 0 when none is meant for this process. False and an
 * error when what was handed over is not one listening stream socket. */
MUST_USE bool activation_socket(int *fd, struct error *error);

#endif
