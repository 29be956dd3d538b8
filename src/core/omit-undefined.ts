type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without its members that are undefined: what exactOptionalPropertyTypes and JSON both want. */
export function omitUndefined<T extends object>(value: T): { [K in keyof Defined<T>]: Defined<T>[K] } {
  // What is left is exactly the defined members; Object.entries forgets their types.
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof Defined<T>]: Defined<T>[K];
  };
}
