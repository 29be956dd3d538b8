/** As many as a busy door has under way; there may be more. A power of two. */
const ROOM = 64;

/**
 * What is under way, by numbers that it gives out itself. A `Map` would be the obvious thing, but one with so much coming and going is made anew every few calls, and V8 lets
 * each table that it gave up hold on to the next one. Once such a table is old, it and all that follow it, and every request that was under way whenever a table was given up,
 * stay in memory until the next full collection: an eighth of all that requests allocate, copied twice.
 */
export class PendingCalls<T> {
  #places: (T | undefined)[] = new Array<T | undefined>(ROOM).fill(undefined);
  #ids: number[] = new Array<number>(ROOM).fill(0);
  #size = 0;
  #lastId = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of a call that is about to begin, greater than all before; `make` is what is kept under it. */
  add(make: (id: number) => T): T {
    if (this.#size === this.#places.length) this.#grow();
    do this.#lastId += 1;
    while (this.#places[this.#placeOf(this.#lastId)] !== undefined);
    const call = make(this.#lastId);
    this.#put(this.#lastId, call);
    return call;
  }

  get(id: number): T | undefined {
    const place = this.#placeOf(id);
    return this.#ids[place] === id ? this.#places[place] : undefined;
  }

  /** Whether it was there. */
  delete(id: number): boolean {
    if (this.get(id) === undefined) return false;
    this.#places[this.#placeOf(id)] = undefined;
    this.#size -= 1;
    return true;
  }

  /** Takes out all that there are. */
  takeAll(): T[] {
    const all = this.#places.filter((call) => call !== undefined);
    this.#places.fill(undefined);
    this.#size = 0;
    return all;
  }

  #placeOf(id: number): number {
    return id % this.#places.length;
  }

  #put(id: number, call: T): void {
    const place = this.#placeOf(id);
    this.#places[place] = call;
    this.#ids[place] = id;
    this.#size += 1;
  }

  /** Numbers that differ in half of the room differ in all of it. */
  #grow(): void {
    const places = this.#places;
    const ids = this.#ids;
    this.#places = new Array<T | undefined>(places.length * 2).fill(undefined);
    this.#ids = new Array<number>(places.length * 2).fill(0);
    this.#size = 0;
    for (const [place, call] of places.entries()) if (call !== undefined) this.#put(ids[place] ?? 0, call);
  }
}
