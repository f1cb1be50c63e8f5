/* ledger-digest FILE: prints the file's 64-bit FNV-1a checksum, for comparing copies; it is no signature. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	uint64_t sum = UINT64_C(14695981039346656037);
	FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
	int byte;

	if (!file) {
		perror(argc == 2 ? argv[1] : "usage: ledger-digest FILE");
		return 1;
	}
	while ((byte = getc(file)) != EOF)
		sum = (sum ^ (uint64_t)byte) * UINT64_C(1099511628211);
	if (ferror(file)) {
		perror(argv[1]);
		return 1;
	}
	printf("%016" PRIx64 "\n", sum);
	return 0;
}
