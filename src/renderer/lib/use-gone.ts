import { type RefObject, useEffect, useRef } from 'react';

/**
 * True once the component is off the page. What was asked for goes on when its dialog is closed, and must neither close the dialog that is open by then nor
 * begin anything further.
 */
export function useGone(): RefObject<boolean> {
  const gone = useRef(false);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);
  return gone;
}
