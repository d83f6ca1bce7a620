/* Stands in for libFuzzer where it is not used: gives a target each file named on the command line. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_LIMIT = 16 << 20 };

int main(int count, char **paths)
{
    uint8_t *data = malloc(INPUT_LIMIT);
    if (!data)
        return 1;
    for (int i = 1; i < count; i++) {
        FILE *file = fopen(paths[i], "r");
        if (!file) {
            perror(paths[i]);
            return 1;
        }
        size_t size = fread(data, 1, INPUT_LIMIT, file);
        (void)fclose(file);
        (void)LLVMFuzzerTestOneInput(data, size);
    }
    free(data);
    return 0;
}
