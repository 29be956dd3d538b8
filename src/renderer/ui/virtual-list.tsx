import { useVirtualizer } from '@tanstack/react-virtual';
import { Check } from 'lucide-react';
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
} from 'react';
import { cx } from './cx.ts';

export interface VirtualListHandle {
  focus(): void;
}

export interface VirtualListProps<T> {
  label: string;
  items: readonly T[];
  id: (item: T) => string;
  row: (item: T) => ReactNode;
  /** What stands before the row; the box to tick takes its place on hover and while rows are ticked. */
  icon?: ReactNode;
  rowHeight: (item: T) => 32 | 40 | 56;
  /** Id of the row that the arrow keys stand on. */
  cursor: string | null;
  onCursor: (id: string) => void;
  /** Enter, or a click. */
  onOpen: (id: string, by: 'key' | 'pointer') => void;
  /** Absent where rows cannot be ticked. */
  ticked?: ReadonlySet<string>;
  onTick?: (ticked: ReadonlySet<string>) => void;
  scrollTop?: number;
  onScrollTop?: (scrollTop: number) => void;
  /** The last rows came into view. */
  onEnd?: () => void;
  handle?: RefObject<VirtualListHandle | null>;
}

/**
 * A list of which only the rows in view exist. The list itself has the focus (aria-activedescendant): arrows, Home, End and
 * page keys move, Enter opens, X or Space ticks, Shift with arrows ticks a range, Ctrl/Cmd+A ticks all.
 */
export function VirtualList<T>(props: VirtualListProps<T>) {
  const { items, id, cursor, ticked, onTick, rowHeight } = props;
  const base = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const anchor = useRef<string | null>(null);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => {
      const item = items[index];
      return item === undefined ? 40 : rowHeight(item);
    },
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : id(item);
    },
    overscan: 10,
    initialOffset: props.scrollTop ?? 0,
  });
  const rows = virtualizer.getVirtualItems();
  const cursorIndex = items.findIndex((item) => id(item) === cursor);
  const last = rows.at(-1)?.index ?? 0;
  const { onEnd, onScrollTop } = props;

  useImperativeHandle(props.handle, () => ({ focus: () => scroller.current?.focus() }));

  useEffect(() => {
    if (items.length > 0 && last >= items.length - 20) onEnd?.();
  }, [last, items.length, onEnd]);

  const moveTo = (index: number, extend: boolean) => {
    const target = items[Math.min(items.length - 1, Math.max(0, index))];
    if (target === undefined) return;
    const targetId = id(target);
    virtualizer.scrollToIndex(items.indexOf(target));
    if (extend && onTick !== undefined) {
      anchor.current ??= cursor ?? targetId;
      onTick(range(items, id, anchor.current, targetId, ticked));
    } else {
      anchor.current = null;
    }
    props.onCursor(targetId);
  };

  const toggle = (itemId: string) => {
    if (onTick === undefined) return;
    const next = new Set(ticked);
    if (!next.delete(itemId)) next.add(itemId);
    onTick(next);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const mod = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / 40) - 1);
    const key = event.key;
    if (key === 'ArrowDown') moveTo(cursorIndex + 1, event.shiftKey);
    else if (key === 'ArrowUp') moveTo(cursorIndex < 0 ? 0 : cursorIndex - 1, event.shiftKey);
    else if (key === 'PageDown') moveTo(cursorIndex + page, event.shiftKey);
    else if (key === 'PageUp') moveTo(cursorIndex - page, event.shiftKey);
    else if (key === 'Home') moveTo(0, event.shiftKey);
    else if (key === 'End') moveTo(items.length - 1, event.shiftKey);
    else if (key === 'Enter' && cursor !== null && cursorIndex >= 0) props.onOpen(cursor, 'key');
    else if ((key === ' ' || (key === 'x' && !mod)) && cursor !== null && cursorIndex >= 0 && onTick) toggle(cursor);
    else if (key === 'a' && mod && onTick) onTick(new Set(items.map(id)));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const ticking = ticked !== undefined && ticked.size > 0 && items.some((item) => ticked.has(id(item)));
  return (
    <div
      ref={scroller}
      role="listbox"
      aria-label={props.label}
      aria-multiselectable={onTick !== undefined}
      aria-activedescendant={cursorIndex >= 0 ? `${base}-${cursorIndex}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={(event) => onScrollTop?.(event.currentTarget.scrollTop)}
      className="group/list min-h-0 flex-1 overflow-y-auto outline-none"
    >
      <div role="presentation" className="relative w-full" style={{ height: virtualizer.getTotalSize() }}>
        {rows.map((row) => {
          const item = items[row.index];
          if (item === undefined) return null;
          const itemId = id(item);
          const isTicked = ticked?.has(itemId) === true;
          const isCursor = row.index === cursorIndex;
          return (
            <div
              key={itemId}
              id={`${base}-${row.index}`}
              role="option"
              tabIndex={-1}
              aria-selected={onTick === undefined ? isCursor : isTicked}
              aria-current={isCursor ? 'true' : undefined}
              aria-posinset={row.index + 1}
              aria-setsize={items.length}
              style={{ height: row.size, transform: `translateY(${row.start}px)` }}
              onMouseDown={(event) => {
                // Keeps the focus on the list, where the keys are heard.
                event.preventDefault();
                scroller.current?.focus();
              }}
              onClick={(event) => {
                if (event.target instanceof Element && event.target.closest('[data-tick]') !== null) {
                  anchor.current = itemId;
                  toggle(itemId);
                } else if (event.shiftKey && onTick !== undefined) {
                  onTick(range(items, id, anchor.current ?? cursor ?? itemId, itemId, ticked));
                } else if ((event.ctrlKey || event.metaKey) && onTick !== undefined) {
                  toggle(itemId);
                } else {
                  anchor.current = itemId;
                  props.onCursor(itemId);
                  props.onOpen(itemId, 'pointer');
                }
              }}
              onKeyDown={() => {}}
              className={cx(
                'group/row absolute top-0 left-0 flex w-full items-center border-l-2 pr-4 pl-3.5',
                isCursor
                  ? 'border-l-accent bg-active group-focus-visible/list:shadow-[inset_0_0_0_1px_var(--focus)]'
                  : 'border-l-transparent hover:bg-hover',
              )}
            >
              {onTick !== undefined && (
                <span className="relative mr-2.5 flex size-4 shrink-0" aria-hidden="true">
                  <span
                    className={cx(
                      'absolute inset-0 text-muted',
                      ticking || isTicked ? 'invisible' : 'group-hover/row:invisible',
                    )}
                  >
                    {props.icon}
                  </span>
                  <span
                    data-tick
                    className={cx(
                      'absolute inset-0 flex items-center justify-center rounded-[4px] border',
                      isTicked ? 'border-accent bg-accent' : 'border-control bg-canvas',
                      !ticking && !isTicked && 'invisible group-hover/row:visible',
                    )}
                  >
                    {isTicked && <Check size={12} strokeWidth={3} className="text-on-accent" />}
                  </span>
                </span>
              )}
              {props.row(item)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function range<T>(
  items: readonly T[],
  id: (item: T) => string,
  from: string,
  to: string,
  ticked: ReadonlySet<string> | undefined,
): ReadonlySet<string> {
  const a = items.findIndex((item) => id(item) === from);
  const b = items.findIndex((item) => id(item) === to);
  const next = new Set(ticked);
  for (const item of items.slice(Math.max(0, Math.min(a, b)), Math.max(a, b) + 1)) next.add(id(item));
  return next;
}
