/* Faults that scripts/analyze gives to each of its tools, which must find them. */
#include <stdio.h>
#include <stdlib.h>

int null_pointer(int turn);
int null_pointer(int turn)
{
    int *value = NULL;

    if (turn > 3)
        value = &turn;
    return *value;
}

int past_the_end(void);
int past_the_end(void)
{
    int numbers[4] = {1, 2, 3, 4};

    return numbers[4];
}

void freed_twice(char *text);
void freed_twice(char *text)
{
    free(text);
    free(text);
}

void leaked(void);
void leaked(void)
{
    char *text = malloc(16);

    if (text != NULL)
        text[0] = 'x';
}

const char *same_either_way(int turn);
const char *same_either_way(int turn)
{
    return turn > 3 ? "the same" : "the same";
}

void unchecked_close(FILE *file);
void unchecked_close(FILE *file)
{
    fclose(file);
}
