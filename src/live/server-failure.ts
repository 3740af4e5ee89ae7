/**
 * A real server failed us half-way: it died, hung up or refused a command it had accepted before. Its message is all
 * the user sees, as for a UsageError, but it's nobody's mistake: exit code 1.
 */
export class ServerFailure extends Error {
  override name = 'ServerFailure';
}
