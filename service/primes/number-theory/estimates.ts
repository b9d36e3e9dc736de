/**
 * About how long `checkPrime` takes for a prime of so many bits, in milliseconds: measured on one server core, and
 * up to twice as much between the sizes that OpenSSL is tuned for (512, 1024, 1536). A composite takes a hundredth of it.
 */
export function estimateCheckMs(bits: number): number {
  if (bits <= 64) return 0.01
  // OpenSSL doubles the rounds beyond 2048 bits, where its fast multiplication for whole words of 512 bits ends too.
  if (bits <= 2048) return 0.1 + 120 * (bits / 2048) ** 2.6
  return 400 * (bits / 2100) ** 3
}

/**
 * About how long `factorize` takes for the product of two primes of equal size, the hardest of so many bits, in
 * milliseconds: 3 at 64 bits, 50 at 133 (40 digits), then twice as long for each 10 bits. Most numbers are far easier.
 */
export function estimateFactorizeMs(bits: number): number {
  if (bits <= 40) return 0.5
  return 3 + 50 * 2 ** ((bits - 133) / 10)
}
