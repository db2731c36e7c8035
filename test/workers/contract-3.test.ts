import { runContract } from './contract.ts'

runContract(2, 3)
