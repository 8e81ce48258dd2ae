package main

import "github.com/spf13/cobra"

func (app *application) commandeEchantillon() *cobra.Command {
	return &cobra.Command{Use: "echantillon", Hidden: true}
}
