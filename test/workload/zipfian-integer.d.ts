/** The package has no types. Draws whole numbers from `min` to `max` by Zipf's law. */
declare module 'zipfian-integer' {
  export default function zipfian(
    min: number,
    max: number,
    skew: number,
    random?: () => number,
  ): () => number;
}
