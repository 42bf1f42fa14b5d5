/* http_vectors_words - what the vectors are made of. */
#ifndef REELQ_TESTS_HTTP_VECTORS_WORDS_H
#define REELQ_TESTS_HTTP_VECTORS_WORDS_H

#include "support/http_vectors.h"

#define POST               "POST <target> HTTP/1.1\r\nHost: h\r\n"
#define BODY(text, length) "Content-Length: " length "\r\n\r\n" text
#define NOTHING            BODY("", "0")
#define LENGTH(value)      POST "Content-Length: " value "\r\n\r\n"
#define CODING(value)      POST "Transfer-Encoding: " value "\r\n\r\n"
#define CHUNKS             CODING("chunked")
#define END                "0\r\n\r\n"

#define GROUP(title, rows)                                                                         \
    {                                                                                              \
        .name = (title), .vectors = (rows), .count = sizeof(rows) / sizeof((rows)[0])              \
    }

#endif
