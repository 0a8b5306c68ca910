//! The commands about the store. Each but the bot's own backups needs the store for itself, and is
//! refused while a bot runs on it.

use super::{ConfigArgs, Outcome, load};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use whetstone::{
    config::Config,
    scheduler::{Clock, SystemClock},
    store::{self, Automatic, OpenError, Store, VerifiedBackup},
};

#[derive(Subcommand)]
pub enum StoreCommand {
    /// Read everything and compare streaks, freezes and boards with what members did; exit with 1
    /// if anything is wrong. Changes nothing. With a backup's file, the same of what it would restore.
    Verify(VerifyArgs),
    /// Mend what can be mended, say what is lost, and keep what was there before.
    Repair(ConfigArgs),
    /// Write everything into a new file. A running bot makes its own backups; see [backup].
    Backup(BackupArgs),
    /// Put the store of a backup in place, all or nothing.
    Restore(RestoreArgs),
}

#[derive(Args)]
pub struct VerifyArgs {
    /// A backup, instead of the store. A bot may run meanwhile.
    file: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Args)]
pub struct BackupArgs {
    /// The file, which must not exist yet.
    file: PathBuf,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Args)]
pub struct RestoreArgs {
    /// A backup of this or of any older version.
    file: PathBuf,
    /// Take the place of the store that is there; it is kept in a folder inside.
    #[arg(long)]
    replace: bool,
    /// Begin a store although its folder holds other files and no store.
    #[arg(long)]
    begin_store: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// The backups that a bot of this configuration makes by itself.
pub fn automatic(config: &Config) -> Automatic {
    Automatic { folder: config.backup_folder(), keep: config.backup.keep }
}

pub async fn run(command: StoreCommand) -> Outcome {
    match command {
        StoreCommand::Verify(VerifyArgs { file, config }) => match file {
            None => verify(&load(config).await?).await,
            Some(file) => verify_backup(&load(config).await?, &file).await,
        },
        StoreCommand::Repair(args) => repair(&load(args).await?).await,
        StoreCommand::Backup(args) => backup(&load(args.config).await?, args.file).await,
        StoreCommand::Restore(RestoreArgs { file, replace, begin_store, config }) => {
            let config = load(config).await?;
            if !begin_store {
                store::refuse_foreign(&config.store.path)?;
            }
            restore(&config, file, replace).await
        }
    }
}

async fn verify(config: &Config) -> Outcome {
    let path = &config.store.path;
    let verified = store::verify(path).await?;
    if verified.wrong.is_empty() {
        println!(
            "the store in {} is as it should be: {} rows read; indexes, streaks, freezes and \
             boards follow from what members did",
            path.display(),
            verified.rows
        );
        return Ok(());
    }
    for wrong in &verified.wrong {
        println!("- {wrong}");
    }
    Err(format!(
        "the store in {} is not as it should be; `whetstone store repair` mends what can be \
         mended, `whetstone store restore --replace FILE` puts a backup in its place{}",
        path.display(),
        newest_backup(config)
    )
    .into())
}

async fn verify_backup(config: &Config, file: &Path) -> Outcome {
    let folder = &config.store.path;
    // In a container, nothing else may be writable.
    let scratch = if folder.is_dir() { folder.clone() } else { std::env::temp_dir() };
    let VerifiedBackup { made_at, schema, verified } = store::verify_backup(file, &scratch).await?;
    if verified.wrong.is_empty() {
        println!(
            "the backup {} is as it should be: {} rows of {made_at}, of schema {schema}; a store \
             was made of it, and read",
            file.display(),
            verified.rows
        );
        return Ok(());
    }
    for wrong in &verified.wrong {
        println!("- {wrong}");
    }
    Err(format!("the backup {} is whole, but not as it should be", file.display()).into())
}

/// Which backup there is to restore, as the end of a sentence.
fn newest_backup(config: &Config) -> String {
    match automatic(config).newest_file() {
        Ok(Some(file)) => format!("; the newest one is {}", file.display()),
        // It is of no more help here that the folder cannot be read.
        Ok(None) | Err(_) => String::new(),
    }
}

async fn repair(config: &Config) -> Outcome {
    let path = &config.store.path;
    let repaired = store::repair(path)
        .await
        .inspect_err(|_| eprintln!("nothing was repaired{}", newest_backup(config)))?;
    let Some(kept) = repaired.kept else {
        println!("there is nothing to repair in {}", path.display());
        return Ok(());
    };
    repaired.mended.iter().for_each(|mended| println!("mended: {mended}"));
    repaired.lost.iter().for_each(|lost| println!("lost: {lost}"));
    if repaired.lost.is_empty() {
        println!("nothing is lost");
    }
    println!("what was there before is kept in {}", kept.display());
    Ok(())
}

async fn backup(config: &Config, file: PathBuf) -> Outcome {
    let path = &config.store.path;
    if !path.exists() {
        return Err(OpenError::None(path.clone()).into());
    }
    let opened = Store::open_with_backup(
        path,
        config.store.cache_mib << 20,
        &automatic(config),
        SystemClock.now(),
    );
    let opened = opened.map_err(|error| match error {
        OpenError::Locked(path) => format!(
            "a bot is running on the store in {}; it makes backups of its own, the newest of which \
             are in {}; stop it to make one by hand",
            path.display(),
            config.backup_folder().display()
        )
        .into(),
        error => Box::<dyn std::error::Error>::from(error),
    });
    opened?.backup(&file, SystemClock.now()).await?;
    println!("the store in {} is in {}", path.display(), file.display());
    Ok(())
}

async fn restore(config: &Config, file: PathBuf, replace: bool) -> Outcome {
    let path = &config.store.path;
    let restored = store::restore(&file, path, replace).await?;
    println!(
        "the store in {} is as it was at {}: {} rows, of schema {}",
        path.display(),
        restored.made_at,
        restored.rows,
        restored.schema
    );
    if let Some(replaced) = restored.replaced {
        println!("what was there before is kept in {}", replaced.display());
    }
    Ok(())
}
