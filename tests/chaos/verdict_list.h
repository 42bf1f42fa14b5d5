/* verdict_list - the lines of the table, as lists of X(name, text). */
#ifndef REELQ_CHAOS_VERDICT_LIST_H
#define REELQ_CHAOS_VERDICT_LIST_H

/* What must not be. */
#define VERDICT_FINDINGS(X)                                                                        \
    X(LOST, "tasks without an end")                                                                \
    X(SECOND_END, "tasks with more ends than runs")                                                \
    X(UNASKED_RUN, "tasks run again without being told to")                                        \
    X(WRONG_END, "tasks with an end that nothing explains")                                        \
    X(NOT_PUBLISHED, "messages that the stream has and the channel had not")                       \
    X(PUBLISHED_TWICE, "messages that the channel had twice")                                      \
    X(ONLY_PUBLISHED, "messages that the stream has not")                                          \
    X(SECOND_PAID, "operations accepted a second time without need")                               \
    X(UNPAID, "tasks ready without their operations")                                              \
    X(WRONG_VIDEO, "tasks ready with another video than theirs")                                   \
    X(UNTOLD, "videos that were made and that no message names")                                   \
    X(BATCH, "batches with missing, doubled or wrong messages")                                    \
    X(STRANGER, "entries of nothing that was submitted")                                           \
    X(LEFTOVER, "leftovers in working keys, and records that are not at their end")                \
    X(DEATH, "processes that ended by themselves or wrongly")                                      \
    X(ALARM, "alarming lines in logs")                                                             \
    X(INCOMPLETE, "gaps in the evidence")

/* What happened and may. */
#define VERDICT_COUNTS(X)                                                                          \
    X(pushed, "pushes of a task")                                                                  \
    X(unanswered, "pushes without a reply, repeated")                                              \
    X(tasks, "tasks")                                                                              \
    X(ready, "ready")                                                                              \
    X(failed_as_due, "failed as their URL or their item must")                                     \
    X(used_up, "failed: all attempts used up by faults")                                           \
    X(crash_loops, "failed: crash loop, three lost runs in the logs")                              \
    X(overdue, "failed: REELQ_JOB_TIMEOUT, named by the user, no callback")                        \
    X(runs_again, "runs again on demand")                                                          \
    X(ends, "ready and failed in the stream")                                                      \
    X(heard, "of these heard on the channels")                                                     \
    X(unheard, "not heard: Redis was down, nobody was subscribed")                                 \
    X(batches, "batches")                                                                          \
    X(batch_messages, "batch messages in the stream")                                              \
    X(uploads, "uploads accepted that made a video")                                               \
    X(uploads_failed, "uploads accepted that VideoDB failed")                                      \
    X(spoken, "spoken word indexes accepted")                                                      \
    X(scenes, "scene indexes accepted")                                                            \
    X(second_by_user, "second operations: the user ran the task again")                            \
    X(second_by_silence, "second operations: reply and callback lost, named by the user")          \
    X(unknown, "calls with an unknown outcome")                                                    \
    X(retries, "retries")                                                                          \
    X(postponed, "calls put off while the API failed for all")                                     \
    X(rate_limited, "calls put off as VideoDB wanted")                                             \
    X(blocked, "calls handed back while VideoDB refused the key")                                  \
    X(handed_back, "runs handed back by workers that stopped")                                     \
    X(asked, "states asked for at once")                                                           \
    X(duplicates, "duplicates told of")                                                            \
    X(lapsed, "lost runs")                                                                         \
    X(never_called_back, "operations without any callback, settled all the same")

#endif
