/** The operation needs the blob of this object: not an error, the client sends it and asks again. */
export class UnknownObject extends Error {
  override readonly name = 'UnknownObject';
  readonly id: string;

  constructor(id: string) {
    super('The vault process needs this object’s blob.');
    this.id = id;
  }
}
