import { channelContract } from "../../../test/support/channel-contract";
import { createMemoryPair } from "./memory-channel";

channelContract("a memory pair", async (settings0, settings1) => createMemoryPair(settings0, settings1));
