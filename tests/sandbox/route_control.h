/* route_control - job documents, usage, and the sandbox's own /_sandbox/ routes. Every function
 * fills the exchange's reply. */
#ifndef SANDBOX_ROUTE_CONTROL_H
#define SANDBOX_ROUTE_CONTROL_H

struct exchange;

/* GET /async-response/{} */
void control_get_job(struct exchange *exchange);

/* GET /billing/usage */
void control_get_usage(struct exchange *exchange);

/* GET /_sandbox/journal, /_sandbox/requests and /_sandbox/callbacks: JSON lines. DELETE of the
 * journal forgets all three. */
void control_get_journal(struct exchange *exchange);
void control_get_requests(struct exchange *exchange);
void control_get_callbacks(struct exchange *exchange);
void control_reset(struct exchange *exchange);

/* GET /_sandbox/state: counts of everything. */
void control_get_state(struct exchange *exchange);

/* GET and POST /_sandbox/faults; a POST with a mistake changes nothing. */
void control_get_faults(struct exchange *exchange);
void control_set_faults(struct exchange *exchange);

#endif
