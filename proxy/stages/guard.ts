// Guard: refuses or answers at once what no other stage and no upstream should have to deal with.
import { z } from 'zod'
import { CountedBody } from '../lib/counted-body.ts'
