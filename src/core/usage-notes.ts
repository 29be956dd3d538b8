export interface ClientNote {
  /** ms since epoch */
  at: number;
  requests: number;
}

export interface KeyNote {
  at: number;
  service?: string;
  region?: string;
}

/** Last uses gathered in memory, to be written together. */
export class UsageNotes {
  #clients = new Map<string, ClientNote>();
  #keys = new Map<string, KeyNote>();

  get empty(): boolean {
    return this.#clients.size === 0 && this.#keys.size === 0;
  }

  noteClient(id: string, at: number): void {
    const note = this.#clients.get(id);
    if (note === undefined) this.#clients.set(id, { at, requests: 1 });
    else {
      note.at = at;
      note.requests += 1;
    }
  }

  noteKey(id: string, note: KeyNote): void {
    this.#keys.set(id, note);
  }

  client(id: string): ClientNote | undefined {
    return this.#clients.get(id);
  }

  key(id: string): KeyNote | undefined {
    return this.#keys.get(id);
  }

  /** What was taken and could not be written: gathered again, behind what came in the meantime. */
  putBack(taken: ReturnType<UsageNotes['take']>): void {
    for (const [id, note] of taken.clients) {
      const later = this.#clients.get(id);
      if (later === undefined) this.#clients.set(id, note);
      else later.requests += note.requests;
    }
    for (const [id, note] of taken.keys) if (!this.#keys.has(id)) this.#keys.set(id, note);
  }

  /** Everything gathered so far; gathering starts anew. */
  take(): { clients: ReadonlyMap<string, ClientNote>; keys: ReadonlyMap<string, KeyNote> } {
    const taken = { clients: this.#clients, keys: this.#keys };
    this.#clients = new Map();
    this.#keys = new Map();
    return taken;
  }
}
