'use client'

import { Direction } from 'radix-ui'

/** Tells the menus and sliders of Radix in which direction the page is written. They do not read `<html dir>`. */
export const DirectionProvider = Direction.Provider
