/** Tells the dispatchers of all nodes that there is something to do, before they would find it themselves. */
export const WAKE_CHANNEL = 'webhooks.wake';
