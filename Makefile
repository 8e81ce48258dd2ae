# « make » seul affiche l'aide. Chaque commande installe elle-même ce qui lui manque.
.DEFAULT_GOAL := help
.PHONY: help run test lint generate bench conformance clean postgres compilateur node
SHELL := /bin/sh
GO ?= go

help: ## affiche cette aide
	@echo "Mutualibre — commandes :"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r commande role; do printf '%-20s %s\n' "$$commande" "$$role"; done

run: $(if $(DATABASE_URL),,postgres) ## prépare la base (données réelles comprises) et sert http://localhost:8080/graphql
	$(GO) run ./server serve

test: postgres compilateur ## lance tous les tests, sur un vrai PostgreSQL
	$(GO) run ./db/dbtest/partager sh -c '$(GO) test -vet=off -p $(paquets) -run "AtScale$$" -timeout 20m $$($(en_volume)) && \
		GOGC=400 $(GO) test -vet=off -race -p $(paquets) -skip "AtScale$$" -timeout 20m ./graph ./...'

# One package more than there are processors: each waits for PostgreSQL some of the time.
paquets = $$(($$(getconf _NPROCESSORS_ONLN) + 1))

# What is long for its volume would take several times as long under the race detector: it comes first, without it; the
# same code runs under it on less, by the other tests. Then graph, the longest, is begun first. « make lint » vets.
en_volume = grep -rl "^func Test.*AtScale(t" --include="*_test.go" . | xargs -n 1 dirname | sort -u

lint: ## vérifie la mise en forme, les fautes probables, le code généré et go.mod
	@mal=$$("$$($(GO) env GOROOT)/bin/gofmt" -l .); if [ -n "$$mal" ]; then echo "Ces fichiers ne sont pas mis en forme (gofmt -w les corrige) :"; echo "$$mal"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	@avant=$$($(empreinte)); $(GO) generate ./... || exit 1; \
	if [ "$$avant" != "$$($(empreinte))" ]; then echo "Le code généré n'était pas à jour ; il vient d'être refait, il reste à l'enregistrer :"; git status --short -- graph; exit 1; fi
	$(GO) mod tidy -diff

# Compared before and after, so that lint also works on changes not committed yet; on a
# clean checkout it proves that what is generated is what is committed.
empreinte = git ls-files -co --exclude-standard -- graph | sort | while read -r f; do [ ! -f "$$f" ] || cksum "$$f"; done

generate: ## refait le code généré à partir du schéma
	$(GO) generate ./...

bench: postgres ## mesure les requêtes du README : temps, instructions SQL, lignes lues
	$(GO) run ./bench

conformance: postgres node ## passe les audits des protocoles : HTTP, WebSocket, événements (SSE)
	sh graph/conformance/run.sh

clean: ## supprime ce que la construction a produit, jamais les données
	rm -rf bin graph/conformance/node_modules
	rm -f ./*.test ./*.prof

# installer(what it is,apt-get,dnf,zypper,apk,pacman,brew): packages, by package manager.
define installer
sudo=; if [ "$$(id -u)" != 0 ]; then sudo=sudo; fi; \
faire() { \
	gestionnaire=$$1; shift; \
	if [ "$$gestionnaire" != brew ] && [ -n "$$sudo" ] && ! command -v sudo >/dev/null; then \
		echo "$(1) : à installer sous le compte root, par : $$*" >&2; exit 1; fi; \
	echo "$(1) : installation par $$gestionnaire, avec la commande : $$*"; "$$@"; }; \
if command -v apt-get >/dev/null; then \
	faire apt-get $$sudo apt-get update -qq && faire apt-get $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(2); \
elif command -v dnf >/dev/null; then faire dnf $$sudo dnf install -y $(3); \
elif command -v zypper >/dev/null; then faire zypper $$sudo zypper --non-interactive install $(4); \
elif command -v apk >/dev/null; then faire apk $$sudo apk add $(5); \
elif command -v pacman >/dev/null; then faire pacman $$sudo pacman -S --noconfirm --needed $(6); \
elif command -v brew >/dev/null; then faire brew brew install $(7); \
else echo "$(1) : aucun gestionnaire de paquets connu sur ce système, installez-le vous-même." >&2; exit 1; fi
endef

# The distribution's PostgreSQL may be too old: the program then downloads one itself,
# or says what to do, so this is not the place to stop.
postgres:
	@$(GO) build -o /dev/null ./db/local/detecter # a fault of ours is not an absence
	@if $(GO) run ./db/local/detecter >/dev/null 2>&1; then exit 0; fi; \
	echo "Mutualibre a besoin des programmes de PostgreSQL 15 ou plus récent, absents de cette machine."; \
	$(call installer,PostgreSQL,postgresql,postgresql-server postgresql-contrib,postgresql-server postgresql-contrib,postgresql postgresql-contrib,postgresql,postgresql@17); \
	$(GO) run ./db/local/detecter || true

# The race detector needs a C compiler everywhere but on macOS.
compilateur:
	@if [ "$$($(GO) env GOOS)" = darwin ] || command -v "$$($(GO) env CC)" >/dev/null; then exit 0; fi; \
	echo "Les tests cherchent les accès concurrents fautifs, ce qui demande un compilateur C, absent de cette machine."; \
	$(call installer,Compilateur C,gcc libc6-dev,gcc glibc-devel,gcc glibc-devel,gcc musl-dev,gcc,gcc)

node:
	@if command -v node >/dev/null && command -v npm >/dev/null; then exit 0; fi; \
	echo "Les audits GraphQL-over-HTTP sont écrits pour Node.js, absent de cette machine."; \
	$(call installer,Node.js,nodejs npm,nodejs npm,nodejs npm,nodejs npm,nodejs npm,node)
