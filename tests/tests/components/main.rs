//! What the built server makes of WebAssembly components: adapters as plugins, and the engine itself.

mod component_engine;
mod plugins;
