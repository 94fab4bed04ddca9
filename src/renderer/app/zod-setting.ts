import { config } from 'zod'

// Zod would try whether it may build functions from text; the content security policy refuses that, and the browser writes an error.
config({ jitless: true })
