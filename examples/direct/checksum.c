#include <stddef.h>
#include <stdint.h>

/* CRC-32 as in gzip and PNG. */
uint32_t checksum(const uint8_t *bytes, size_t length) {
  uint32_t crc = 0xffffffff;
  for (size_t index = 0; index < length; index += 1) {
    crc ^= bytes[index];
    for (int bit = 0; bit < 8; bit += 1) crc = (crc >> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc;
}

/* The health function: 0 when all is well. */
int self_test(void) { return checksum((const uint8_t *)"123456789", 9) == 0xcbf43926 ? 0 : 1; }
