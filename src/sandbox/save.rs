//! Keeps the world between runs: one JSON file, replaced as a whole so that it is never half written.

use super::world::World;
use anyhow::Context;
use std::fs;
use std::io::Write;
use std::path::Path;

/// The world that was saved, `None` when none was.
pub fn load(path: &Path) -> anyhow::Result<Option<World>> {
    match fs::read(path) {
        Ok(bytes) => {
            let world = serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is not a sandbox's state: move it away", path.display()))?;
            Ok(Some(world))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Writes beside the file, then takes its place.
pub fn save(world: &World, path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&serde_json::to_vec(world)?)?;
    file.persist(path)?;
    Ok(())
}
