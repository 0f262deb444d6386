import type { Theme } from '../shared/protocol.js';
export interface Launcher {
    readonly host: HTMLElement;
    /** Puts the frame into the panel; it stays there. */
    mount(frame: HTMLIFrameElement): void;
    update(state: {
        isShown: boolean;
        isOpen: boolean;
        unread: number;
    }): void;
    paint(theme: Theme): void;
    focus(): void;
}
export interface LauncherParts {
    color: string;
    /** Such as `bottom_right`. */
    position: string;
    texts: readonly [string, string, string];
    isRightToLeft: boolean;
    onClick(): void;
}
export declare function createLauncher({ color, position, texts, isRightToLeft, onClick }: LauncherParts): Launcher;
