import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { BenchClient } from '../../shared/contract/index.ts'
import { authorization, takeToken } from './session.ts'

export const token = takeToken()

const link = new RPCLink({
  url: new URL('/rpc', location.href).href,
  headers: () => authorization(token),
})

/** The bench, through whichever shell served this page. */
export const bench: BenchClient = createORPCClient(link)

export const cropUrl = (cellId: number): string => `/crops/${cellId}.jpg`
export const liveUrl = (frame: number): string => `/live.jpg?v=${frame}`
export const tileUrl = (runId: number, level: number, x: number, y: number, version: string | number): string =>
  `/tiles/${runId}/${level}/${x}_${y}.jpg?v=${version}`
