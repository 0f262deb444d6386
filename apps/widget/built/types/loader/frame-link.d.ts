import type { FromFrame, Method, ToFrame } from '../shared/protocol.js';
export interface FrameLink {
    readonly element: HTMLIFrameElement;
    send(message: ToFrame): void;
    call(method: Method, args: unknown[]): Promise<unknown>;
}
export interface FrameLinkParts {
    url: string;
    title: string;
    /** What a frame is told when it starts, also when it starts again: a page that moves it loads it anew. */
    start(): ToFrame;
    hear(message: Exclude<FromFrame, {
        kind: 'answer' | 'ready';
    }>): void;
}
/** A frame of Parley's, and the channel to it. What is said before it listens is said when it does. */
export declare function openFrame({ url, title, start, hear }: FrameLinkParts): FrameLink;
