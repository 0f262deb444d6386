import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Model } from './model.ts';
import type { State } from './state.ts';

export const ModelContext = createContext<Model | undefined>(undefined);

export function useModel(): Model {
  const model = useContext(ModelContext);
  if (!model) throw new Error('A view is used outside of the widget.');
  return model;
}

/** The state as it is, and again whenever it changes. */
export function useWidget(): State {
  const { store } = useModel();
  const [state, setState] = useState(store.get());
  useEffect(() => {
    setState(store.get());
    return store.subscribe(() => setState(store.get()));
  }, [store]);
  return state;
}
