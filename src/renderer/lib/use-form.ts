import { useRef, useState } from 'react';
import type { z } from 'zod';
import { sentence } from './format.ts';

function firstInvalid(): HTMLElement | null {
  return document.querySelector<HTMLElement>('form [aria-invalid="true"]');
}

type Values = Record<string, string>;
/** Answers what is wrong, or null. */
type Check<V extends Values> = (value: string, values: V) => string | null;

/** The complaint of a contract schema as a check. */
export function matches(schema: z.ZodType, required = true): (value: string) => string | null {
  return (value) => {
    if (value === '' && !required) return null;
    const parsed = schema.safeParse(value);
    return parsed.success ? null : sentence(parsed.error.issues[0]?.message ?? 'this value is not valid');
  };
}

export interface Form<V extends Values> {
  values: V;
  set: (name: keyof V & string, value: string) => void;
  /** Properties for a field: it complains once it was left or the form was sent. */
  field: (name: keyof V & string) => {
    value: string;
    onChange: (value: string) => void;
    onBlur: () => void;
    error: string | null;
  };
  /** Shows every complaint; true when there is none. */
  validate: () => boolean;
  /** Shows a complaint of the daemon at a field until it is edited. */
  complain: (name: keyof V & string, message: string) => void;
}

/** Values of a form's plain text fields. Checked while typing, complaining on blur. */
export function useForm<V extends Values>(initial: V, checks: { [K in keyof V]?: Check<V> }): Form<V> {
  const [values, setValues] = useState(initial);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [complaints, setComplaints] = useState<Readonly<Record<string, string>>>({});
  const checksNow = useRef(checks);
  checksNow.current = checks;

  const problem = (name: keyof V & string): string | null => {
    const value = values[name];
    return complaints[name] ?? checksNow.current[name]?.(value ?? '', values) ?? null;
  };
  const set = (name: keyof V & string, value: string) => {
    setValues((current) => ({ ...current, [name]: value }));
    setComplaints(({ [name]: _, ...rest }) => rest);
  };

  return {
    values,
    set,
    field: (name) => ({
      value: values[name] ?? '',
      onChange: (value) => set(name, value),
      onBlur: () => {
        if (values[name] !== '') setLeft((current) => new Set(current).add(name));
      },
      error: left.has(name) || complaints[name] !== undefined ? problem(name) : null,
    }),
    validate: () => {
      setLeft(new Set(Object.keys(values)));
      const sound = Object.keys(values).every((name) => problem(name) === null);
      // After the complaints are on the page, the first of them gets the focus.
      if (!sound) window.requestAnimationFrame(() => firstInvalid()?.focus());
      return sound;
    },
    complain: (name, message) => setComplaints((current) => ({ ...current, [name]: message })),
  };
}
