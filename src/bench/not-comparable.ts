/** There is nothing to compare with, or nothing that can be compared; what and why (exit code 3). */
export class NotComparableError extends Error {
  override name = 'NotComparableError';
}
