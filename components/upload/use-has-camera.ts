'use client'

import { useEffect, useState } from 'react'

/** Whether the browser can show a camera: until it knows, and where it does not say, it may. False on the server. */
export function useHasCamera(): boolean {
  const [hasCamera, setHasCamera] = useState(false)
  useEffect(() => {
    // Missing on pages without https.
    const { mediaDevices } = navigator
    if (!mediaDevices?.getUserMedia) return
    const look = async () => setHasCamera(await mayHaveCamera(mediaDevices))
    void look()
    mediaDevices.addEventListener('devicechange', look)
    return () => mediaDevices.removeEventListener('devicechange', look)
  }, [])
  return hasCamera
}

async function mayHaveCamera(mediaDevices: MediaDevices): Promise<boolean> {
  const devices = await mediaDevices.enumerateDevices().catch(() => [])
  return devices.length === 0 || devices.some(({ kind }) => kind === 'videoinput')
}
