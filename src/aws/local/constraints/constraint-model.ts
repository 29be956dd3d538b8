/** What AWS's API model requires of one shape. `min` and `max` are of a length, or of the number itself. */
export interface ShapeConstraints {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  /** Errors do not repeat the value. */
  readonly secret?: boolean;
  readonly integer?: boolean;
  /** Shapes of a list's items, a map's keys and its values. */
  readonly of?: string;
  readonly key?: string;
  readonly value?: string;
}

export interface StructureConstraints {
  readonly required?: readonly string[];
  /** Member to shape. */
  readonly members: Readonly<Record<string, string>>;
}

/** `constraints.json` of a service, as scripts/gen-constraints.py writes it. */
export interface ConstraintModel {
  readonly structures: Readonly<Record<string, StructureConstraints>>;
  readonly shapes: Readonly<Record<string, ShapeConstraints>>;
}
