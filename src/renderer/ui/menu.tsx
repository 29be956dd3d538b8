import type { ReactElement, ReactNode } from 'react';
import { Menu as AriaMenu, MenuItem as AriaMenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { cx } from './cx.ts';

export interface MenuAction {
  id: string;
  label: string;
  icon?: ReactNode;
  danger?: boolean;
  isDisabled?: boolean;
  run: () => void;
}

/** A button with a list of actions. */
export function Menu({
  label,
  trigger,
  actions,
}: {
  label: string;
  trigger: ReactElement;
  actions: readonly MenuAction[];
}) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover
        placement="bottom end"
        offset={4}
        className="min-w-44 animate-fade-in rounded-panel border border-line bg-float p-1 shadow-float outline-none"
      >
        <AriaMenu aria-label={label} className="outline-none" items={actions}>
          {(action) => (
            <AriaMenuItem
              id={action.id}
              textValue={action.label}
              isDisabled={action.isDisabled ?? false}
              onAction={action.run}
              className={cx(
                'flex h-8 items-center gap-2 rounded-control px-2 outline-none data-focused:bg-hover data-disabled:opacity-50',
                action.danger === true && 'text-danger-ink',
              )}
            >
              <span className={cx('flex w-4', action.danger !== true && 'text-muted')}>{action.icon}</span>
              {action.label}
            </AriaMenuItem>
          )}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
